"""Where values of a program come from and where they go: Python and JavaScript lowered to one small tree, then followed
through assignments, calls and files.
"""
