@NullMarked
package io.walstrata.ingest.query;

import org.jspecify.annotations.NullMarked;
