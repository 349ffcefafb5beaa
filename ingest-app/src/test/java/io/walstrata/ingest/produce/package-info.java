@NullMarked
package io.walstrata.ingest.produce;

import org.jspecify.annotations.NullMarked;
