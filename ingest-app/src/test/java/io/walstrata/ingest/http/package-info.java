@NullMarked
package io.walstrata.ingest.http;

import org.jspecify.annotations.NullMarked;
