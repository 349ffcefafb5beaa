/** Where layers are kept: homes of partitions, names of layer files, and claims. */
@NullMarked
package io.walstrata.layerstore.home;

import org.jspecify.annotations.NullMarked;
