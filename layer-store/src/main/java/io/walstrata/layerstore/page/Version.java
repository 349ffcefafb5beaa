package io.walstrata.layerstore.page;

/**
 * One version of a page whose key is known from the context.
 *
 * @param lsn the LSN at which the page got this value
 * @param value the image or WAL record
 */
public record Version(Lsn lsn, Value value) {}
