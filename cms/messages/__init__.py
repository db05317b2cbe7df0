"""Messages: kinds that are registered, texts that may be edited, an outbox that is sent from.

**A new message** takes three things:

1. ``templates/messages/<name>.txt``: the default text, with translate tags. The first line is the
   subject. A personal link stands on a line of its own, after the line that becomes its button.
2. A registered kind (``kinds.register``), so that administrators find the text, can change it, and
   see it with real data. It stands in ``networks/services/notices/kinds/`` (or in the module that
   writes the message, when no module of networks does)::

       register(
           MessageKind(
               "topic_answered",
               group=TAKING_PART,
               label=_("A topic is answered"),
               sent=_("When a coordinator has answered."),
               to=_("The member who proposed the topic"),
               placeholders=(*MEMBERSHIP, Placeholder("emne", _("The topic"), "topic.title")),
               sample=lambda membership: {"topic": membership.topics.first()},
           )
       )

   ``"topic.title"`` leads from the message's context to the value; a function of the context does
   as well. ``link(…)`` declares a personal link, which a text must hold. ``sample`` gives what the
   context holds beside the membership's own facts, outright or from real rows; None where there
   is no such row.
3. ``outbox.put`` (for memberships through ``letters.notify``), in the transaction of what it tells.

Modules: ``kinds`` (the registry), ``texts`` (which text applies, and editing it), ``outbox``
(putting, stopping, sending again, bounces), ``sending`` and ``composing`` (what a job does),
``reports`` (what mail servers answer later).
"""
