/** Tests of {@code io.walstrata.layerstore.testkit.faultfs}. */
@NullMarked
package io.walstrata.layerstore.testkit.faultfs;

import org.jspecify.annotations.NullMarked;
