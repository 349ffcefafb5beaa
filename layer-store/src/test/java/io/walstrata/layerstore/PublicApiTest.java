package io.walstrata.layerstore;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Users of the library never need a type of a package that is named {@code internal}. */
class PublicApiTest {
  private static final String ROOT = "io.walstrata.layerstore";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void noPublicSignature_namesAnInternalType() {
    namesNothingOf("..internal..").check(CLASSES);
  }

  @Test
  void theRule_findsViolations() {
    assertThatThrownBy(() -> namesNothingOf("..page..").check(CLASSES))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("LayerStore.get(");
  }

  @Test
  void publicPackages_haveTypes() {
    assertThat(CLASSES.stream().filter(PublicApiTest::isPublic).map(JavaClass::getPackageName))
        .contains(ROOT, ROOT + ".home", ROOT + ".page", ROOT + ".redo", ROOT + ".streams");
  }

  private static ArchRule namesNothingOf(String packages) {
    return classes()
        .that()
        .resideOutsideOfPackage("..internal..")
        .should(
            new ArchCondition<>("name no type of " + packages + " in what users see") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                if (isPublic(type)) {
                  signatures(type).forEach(each -> check(type, each, packages, events));
                }
              }

              private void check(
                  JavaClass type, Signature signature, String packages, ConditionEvents events) {
                signature
                    .types()
                    .flatMap(named -> named.getAllInvolvedRawTypes().stream())
                    .map(JavaClass::getBaseComponentType)
                    .filter(JavaClass.Predicates.resideInAPackage(packages))
                    .forEach(
                        found ->
                            events.add(
                                SimpleConditionEvent.violated(
                                    type, signature.text() + " names " + found.getName())));
              }
            });
  }

  private record Signature(String text, Stream<JavaType> types) {}

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(PublicApiTest::isPublic).orElse(true);
  }

  private static boolean isSeen(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static Stream<Signature> signatures(JavaClass type) {
    Stream<Signature> supertypes =
        Stream.of(
            new Signature(
                type.getName(),
                Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream())));
    Stream<Signature> fields =
        type.getFields().stream()
            .filter(field -> isSeen(field.getModifiers()))
            .map(
                (JavaField field) ->
                    new Signature(field.getFullName(), Stream.of(field.getType())));
    Stream<Signature> code =
        type.getCodeUnits().stream()
            .filter(unit -> isSeen(unit.getModifiers()))
            .map(unit -> new Signature(unit.getFullName(), types(unit)));
    return Stream.of(supertypes, fields, code).flatMap(each -> each);
  }

  private static Stream<JavaType> types(JavaCodeUnit unit) {
    return Stream.of(
            Stream.of(unit.getReturnType()),
            unit.getParameterTypes().stream(),
            unit.getExceptionTypes().stream())
        .flatMap(each -> each);
  }
}
