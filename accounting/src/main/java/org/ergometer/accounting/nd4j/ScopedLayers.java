package org.ergometer.accounting.nd4j;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.ergometer.accounting.op.Scope;
import org.nd4j.linalg.api.buffer.DataType;

/** Makes a layer's twin, whose work is done in a scope of its own. */
final class ScopedLayers {

  /** Where the name of the layer is kept in the generated classes. */
  private static final String NAME_FIELD = "scopeName";

  /** The methods through which a network makes a layer work. */
  private static final Set<String> ENTRANCES =
      Set.of(
          "activate",
          "backpropGradient",
          "computeScore",
          "computeScoreForExamples",
          "rnnTimeStep",
          "rnnActivateUsingStoredState",
          "tbpttBackpropGradient");

  /** A class can be generated only once. */
  private static final ClassValue<Class<?>> SCOPED =
      new ClassValue<>() {
        @Override
        protected Class<?> computeValue(Class<?> type) {
          return generate(type);
        }
      };

  private ScopedLayers() {}

  static boolean isScoped(Layer layer) {
    return layer.getClass().getPackageName().equals(ScopedLayers.class.getPackageName());
  }

  /**
   * A layer with the state of {@code layer}, down to the same arrays, which then is to be dropped.
   */
  static Layer scope(Layer layer, String name) throws ReflectiveOperationException {
    Class<?> type = SCOPED.get(layer.getClass());
    Constructor<?> constructor =
        type.getDeclaredConstructor(NeuralNetConfiguration.class, DataType.class);
    // The type given here is replaced with all other fields.
    Object scoped = constructor.newInstance(layer.conf(), DataType.FLOAT);
    copyFields(layer, scoped);
    type.getDeclaredField(NAME_FIELD).set(scoped, name);
    return (Layer) scoped;
  }

  /** Called by the generated methods, however they end. */
  static void leave() {
    Scope.current().close();
  }

  private static Class<?> generate(Class<?> type) {
    if (Modifier.isFinal(type.getModifiers())) {
      throw new IllegalArgumentException("the class is final");
    }
    try {
      SubclassWriter writer = new SubclassWriter(simpleName(type), type);
      writer.field(NAME_FIELD, String.class);
      Method enter = Scope.class.getMethod("enter", String.class);
      Method leave = ScopedLayers.class.getDeclaredMethod("leave");
      for (Method method : type.getMethods()) {
        int modifiers = method.getModifiers();
        if (ENTRANCES.contains(method.getName())
            && (modifiers & (Modifier.ABSTRACT | Modifier.FINAL | Modifier.STATIC)) == 0) {
          writer.enclose(method, enter, NAME_FIELD, leave);
        }
      }
      return writer.load();
    } catch (NoSuchMethodException e) {
      throw new LinkageError("no way into a scope", e);
    }
  }

  /** Classes of one simple name in several packages are told apart by a hash. */
  private static String simpleName(Class<?> type) {
    return "Scoped%s$%08x".formatted(type.getSimpleName(), type.getName().hashCode());
  }

  private static void copyFields(Object from, Object to) throws IllegalAccessException {
    for (Class<?> type = from.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          field.setAccessible(true);
          field.set(to, field.get(from));
        }
      }
    }
  }
}
