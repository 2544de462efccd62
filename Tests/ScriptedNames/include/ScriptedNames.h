// Nothing is called by name: the library is loaded before libc (LD_PRELOAD).
