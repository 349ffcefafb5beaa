@NullMarked
package io.walstrata.ingest.bench;

import org.jspecify.annotations.NullMarked;
