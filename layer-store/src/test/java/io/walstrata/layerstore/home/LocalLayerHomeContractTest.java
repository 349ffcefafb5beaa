package io.walstrata.layerstore.home;

import java.nio.file.Path;

class LocalLayerHomeContractTest extends LayerHomeContract {
  @Override
  protected LayerHome create(Path scratch) {
    return LayerHomes.partition(scratch.resolve("topic/0"));
  }

  @Override
  protected LayerHome again(LayerHome same) {
    return LayerHomes.partition(Path.of(same.location()));
  }
}
