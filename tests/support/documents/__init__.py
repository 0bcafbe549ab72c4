"""What `python -m tests.documents` draws and runs."""
