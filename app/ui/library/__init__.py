"""What the library page mounts: the wall of clips and the place to drop new ones, each an ES module beside its Python."""
