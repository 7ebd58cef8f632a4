package sts

// Service is STS. It has no state and is safe for concurrent use; its zero
// value is ready.
type Service struct{}

// New returns the service.
func New() *Service { return &Service{} }
