@NullMarked
package io.walstrata.harness.demo;

import org.jspecify.annotations.NullMarked;
