@NullMarked
package io.walstrata.harness.servers;

import org.jspecify.annotations.NullMarked;
