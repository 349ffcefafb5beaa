@NullMarked
package io.walstrata.ingest.pgwal;

import org.jspecify.annotations.NullMarked;
