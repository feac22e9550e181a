"""What is held on disk: sources, reports, passages and the indexes over them."""
