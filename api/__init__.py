"""The doors: command line, HTTP, page. They translate, nothing else."""
