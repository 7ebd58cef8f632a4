package schema

// Name returns the name under which a registry keeps the schema of an event, as
// EventBridge's discovery names it: cinema.bookings@SeatsHeld. Blanks and other
// characters that no identifier has are left out of the detail-type.
func Name(source, detailType string) string { return source + "@" + componentName(detailType) }
