"""The only room with sockets: every connection is guarded by scope, rate, size and time."""
