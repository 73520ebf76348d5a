"""Content-addressed blobs in a folder: `ab/cd…`, the digest being the name."""
