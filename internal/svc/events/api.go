package events

import "stormbus/internal/wire"

// Operations lists what the service answers. Whatever is missing here answers
// that it is not implemented.
func (s *Service) Operations() []wire.Operation {
	return []wire.Operation{
		wire.Op("CreateEventBus", s.CreateEventBus),
		wire.Op("DeleteEventBus", s.DeleteEventBus),
		wire.Op("DeleteRule", s.DeleteRule),
		wire.Op("DescribeEventBus", s.DescribeEventBus),
		wire.Op("DescribeRule", s.DescribeRule),
		wire.Op("DisableRule", s.DisableRule),
		wire.Op("EnableRule", s.EnableRule),
		wire.Op("ListEventBuses", s.ListEventBuses),
		wire.Op("ListRuleNamesByTarget", s.ListRuleNamesByTarget),
		wire.Op("ListRules", s.ListRules),
		wire.Op("ListTagsForResource", s.ListTagsForResource),
		wire.Op("ListTargetsByRule", s.ListTargetsByRule),
		wire.Op("PutEvents", s.PutEvents),
		wire.Op("PutPermission", s.PutPermission),
		wire.Op("PutRule", s.PutRule),
		wire.Op("PutTargets", s.PutTargets),
		wire.Op("RemovePermission", s.RemovePermission),
		wire.Op("RemoveTargets", s.RemoveTargets),
		wire.Op("TagResource", s.TagResource),
		wire.Op("TestEventPattern", s.TestEventPattern),
		wire.Op("UntagResource", s.UntagResource),
		wire.Op("UpdateEventBus", s.UpdateEventBus),
	}
}
