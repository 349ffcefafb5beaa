@NullMarked
package io.walstrata.ingest.avro;

import org.jspecify.annotations.NullMarked;
