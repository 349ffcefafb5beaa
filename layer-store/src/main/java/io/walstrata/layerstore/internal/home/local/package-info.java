/**
 * A home in a local directory: its lock, what is synced and when, and damaged files that are set
 * aside.
 */
@NullMarked
package io.walstrata.layerstore.internal.home.local;

import org.jspecify.annotations.NullMarked;
