/**
 * Reads of the stores of this instance, and the addresses of the instances that have the others.
 */
@NullMarked
package io.walstrata.ingest.query;

import org.jspecify.annotations.NullMarked;
