@NullMarked
package io.walstrata.ingest.soak;

import org.jspecify.annotations.NullMarked;
