@NullMarked
package io.walstrata.harness.bench;

import org.jspecify.annotations.NullMarked;
