package io.walstrata.layerstore;

/**
 * A file of a home that is not what was written.
 *
 * @param file its name in the home
 * @param problem what is wrong, with the file, the offset, what was expected and what was found
 */
public record LayerDamage(String file, String problem) {}
