package io.walstrata.layerstore;

/**
 * A layer that a read has looked into, as it was then.
 *
 * @param name the display name; of a delta layer, the file name
 * @param state open, frozen or delta
 */
public record VisitedLayer(String name, LayerDesc.State state) {}
