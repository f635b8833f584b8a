"""Track files of other programs: a module for each kind of container, and how what stands in it is understood."""
