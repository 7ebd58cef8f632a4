// Package transform turns an event into what a target is given: a constant, a
// part of the event, or a template that is filled with parts of it.
//
// [New] checks a configuration once, when a target is put; [Input.Apply] runs it
// once per delivery. The corner cases are EventBridge's, as far as they are
// known:
//
//   - Paths are not checked when a target is put. One that is not a path, or that
//     leads nowhere, is empty in a template and delivers nothing as InputPath.
//   - A template that begins with a quotation mark is text. It is delivered with
//     its quotation marks, objects and lists in it lose theirs, and the result is
//     not checked.
//   - Any other template has to become JSON. A value between quotation marks is
//     put there as it is, not escaped, so a quotation mark in it can break the
//     result; where that happens, the event is not delivered, see
//     [ErrNotDelivered].
//
// An event is delivered as compact JSON: the spelling of numbers and strings and
// the order of keys are those of the event.
package transform
