/**
 * Values that every other package uses: page keys, LSNs, ranges, timelines, the value of a version,
 * and the errors of the store. Nothing here opens a file or knows of Kafka.
 */
@NullMarked
package io.walstrata.layerstore.page;

import org.jspecify.annotations.NullMarked;
