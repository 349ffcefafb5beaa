@NullMarked
package io.walstrata.harness.soak;

import org.jspecify.annotations.NullMarked;
