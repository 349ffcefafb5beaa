/**
 * A file system for tests that fails or stops at a chosen step, and the disk under it, which knows
 * what would be left of everything after a power loss.
 */
@NullMarked
package io.walstrata.layerstore.testkit.faultfs;

import org.jspecify.annotations.NullMarked;
