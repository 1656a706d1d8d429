"""Type: a text and a design go in, a layer comes out that lies over frames."""
