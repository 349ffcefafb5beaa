package io.walstrata.layerstore;

import io.walstrata.layerstore.home.LayerPath;
import org.jspecify.annotations.Nullable;

/**
 * A damaged file of a home: its bytes differ from what was written, or it is missing.
 *
 * @param layer the layer file; null if it is the manifest
 * @param problem what is wrong, with the file, the offset, what was expected and what was found
 */
public record LayerDamage(@Nullable LayerPath layer, String problem) {}
