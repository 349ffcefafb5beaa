package io.walstrata.layerstore.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The versions of one page that its state as of an LSN is made from. Without base and records,
 * history has no version that counts; redo may know the page all the same, for instance from the
 * size of the file that it belongs to.
 *
 * @param key the page
 * @param asOf the LSN, inclusive
 * @param base the page to start from, and the LSN of the newest version that is in it: an image
 *     from the log, or a page that redo made before. Null if the first record builds the page from
 *     nothing, or if there is no base
 * @param records the versions after the base, oldest first; one that needs no older version is only
 *     ever the first
 * @param droppedAt the LSN of the tombstone that hides all older versions of the page; null if none
 *     was met
 * @param source reads other pages of the same timeline
 */
public record RedoRequest(
    PageKey key,
    Lsn asOf,
    @Nullable Version base,
    List<Version> records,
    @Nullable Lsn droppedAt,
    PageSource source) {}
