/**
 * {@code walstrata demo}: the whole path on one machine, from a PostgreSQL to one page read as of
 * three LSNs.
 */
@NullMarked
package io.walstrata.harness.demo;

import org.jspecify.annotations.NullMarked;
