package sqs

import "stormbus/internal/wire"

// Operations lists what the service answers. Whatever is missing here answers
// that it is not implemented.
func (s *Service) Operations() []wire.Operation {
	return []wire.Operation{
		wire.Op("ChangeMessageVisibility", s.ChangeMessageVisibility),
		wire.Op("ChangeMessageVisibilityBatch", s.ChangeMessageVisibilityBatch),
		wire.Op("CreateQueue", s.CreateQueue),
		wire.Op("DeleteMessage", s.DeleteMessage),
		wire.Op("DeleteMessageBatch", s.DeleteMessageBatch),
		wire.Op("DeleteQueue", s.DeleteQueue),
		wire.Op("GetQueueAttributes", s.GetQueueAttributes),
		wire.Op("GetQueueUrl", s.GetQueueUrl),
		wire.Op("ListDeadLetterSourceQueues", s.ListDeadLetterSourceQueues),
		wire.Op("ListQueueTags", s.ListQueueTags),
		wire.Op("ListQueues", s.ListQueues),
		wire.Op("PurgeQueue", s.PurgeQueue),
		wire.Op("ReceiveMessage", s.ReceiveMessage),
		wire.Op("SendMessage", s.SendMessage),
		wire.Op("SendMessageBatch", s.SendMessageBatch),
		wire.Op("SetQueueAttributes", s.SetQueueAttributes),
		wire.Op("TagQueue", s.TagQueue),
		wire.Op("UntagQueue", s.UntagQueue),
	}
}
