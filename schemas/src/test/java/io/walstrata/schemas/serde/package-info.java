@NullMarked
package io.walstrata.schemas.serde;

import org.jspecify.annotations.NullMarked;
