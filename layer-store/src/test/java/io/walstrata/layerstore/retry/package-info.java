@NullMarked
package io.walstrata.layerstore.retry;

import org.jspecify.annotations.NullMarked;
