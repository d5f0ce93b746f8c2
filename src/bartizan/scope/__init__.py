"""The written authorisation: what may be touched, how hard, by whom, until when."""
