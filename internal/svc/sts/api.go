package sts

import "stormbus/internal/wire"

// Operations lists what the service answers. Whatever is missing here answers
// that it is not implemented.
func (s *Service) Operations() []wire.Operation {
	return []wire.Operation{
		wire.Op("GetCallerIdentity", s.GetCallerIdentity),
	}
}
