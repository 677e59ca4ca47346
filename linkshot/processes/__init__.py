"""The roles of a linkshot and the processes and threads that run them."""
