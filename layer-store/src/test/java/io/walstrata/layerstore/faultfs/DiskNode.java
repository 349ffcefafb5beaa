package io.walstrata.layerstore.faultfs;

/** What a name stands for. */
sealed interface DiskNode permits DiskFile, DiskDirectory {}
