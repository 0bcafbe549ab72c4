"""Charts of ratings over time, as PNG, SVG or one HTML page; drawing them takes the extra `charts`."""
