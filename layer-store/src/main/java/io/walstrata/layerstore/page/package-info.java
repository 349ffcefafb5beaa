/**
 * Value classes that every other package uses: page keys, LSNs, ranges, timelines, values, and
 * exceptions that concern them. Nothing here opens a file or uses Kafka.
 */
@NullMarked
package io.walstrata.layerstore.page;

import org.jspecify.annotations.NullMarked;
