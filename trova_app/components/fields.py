"""Fields with their label, hint and error tied together."""

from typing import Any

import reflex as rx


def field(
    label: Any,
    name: str,
    control: rx.Component,
    *,
    error: rx.Var[str] | str = "",
    hint: str = "",
    class_name: str = "",
) -> rx.Component:
    """`control` carries `id=name` and `aria-describedby={name}-error`; see `described`."""
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name="label"),
        control,
        rx.el.span(hint, class_name="hint") if hint else rx.fragment(),
        problem(name, error),
        class_name=f"field {class_name}",
    )


def problem(name: str, error: rx.Var[str] | str) -> rx.Component:
    """The sentence beside a field; empty while there is nothing to say."""
    return rx.el.span(error, id=f"{name}-error", class_name="error empty:hidden", role="alert")


def described(name: str, error: rx.Var[str] | None = None) -> dict[str, Any]:
    """Attributes that tie a control to its error."""
    attrs: dict[str, Any] = {"aria-describedby": f"{name}-error"}
    if error is not None:
        attrs["aria-invalid"] = rx.cond(error != "", "true", "false")
    return attrs


def text_field(
    label: Any,
    name: str,
    *,
    value: Any = "",
    error: rx.Var[str] | None = None,
    hint: str = "",
    type: str = "text",  # noqa: A002  (HTML's own word)
    class_name: str = "",
    **given: Any,
) -> rx.Component:
    """An uncontrolled input: the page holds what is typed, the server never writes over it."""
    control = rx.el.input(
        id=name,
        name=name,
        type=type,
        default_value=value,
        class_name="input",
        custom_attrs=described(name, error) | given.pop("custom_attrs", {}),
        **given,
    )
    return field(label, name, control, error=error if error is not None else "", hint=hint, class_name=class_name)


def status_badge(label: rx.Var[str] | str) -> rx.Component:
    """A status as a word, with its colour beside it."""
    return rx.el.span(label, class_name="badge", custom_attrs={"data-status": label})


class FocusFault(rx.Fragment):
    """Puts the cursor into the first marked field of the form named `form` each time `changes` has another value. Draws
    nothing."""

    changes: rx.Var[int]
    form: rx.Var[str]

    def _exclude_props(self) -> list[str]:
        return ["changes", "form"]

    def add_imports(self) -> dict[str, str]:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        find = f"document.querySelector(`form[name=${{{self.form!s}}}] [aria-invalid=true]`)?.focus()"
        effect = f"useEffect(() => {{ if ({self.changes!s} > 0) {find} }}, [{self.changes!s}])"
        return [rx.Var(effect, _var_data=self.changes._get_all_var_data())]
