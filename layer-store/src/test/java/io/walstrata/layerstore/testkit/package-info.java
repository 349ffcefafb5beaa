/** Tests of {@code io.walstrata.layerstore.testkit}. */
@NullMarked
package io.walstrata.layerstore.testkit;

import org.jspecify.annotations.NullMarked;
