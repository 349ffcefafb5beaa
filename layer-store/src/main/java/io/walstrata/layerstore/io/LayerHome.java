package io.walstrata.layerstore.io;

/** Where a partition's layer files and its manifest live. */
public interface LayerHome {}
