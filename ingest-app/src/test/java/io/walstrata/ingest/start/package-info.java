@NullMarked
package io.walstrata.ingest.start;

import org.jspecify.annotations.NullMarked;
